"""Rendering of any surface at any size, tile by tile; sheets, image files and films."""

from inr_keras import backend as backend
from inr_keras.rendering.film import check_film_path as check_film_path
from inr_keras.rendering.film import round_rate as round_rate
from inr_keras.rendering.film import split_videos as split_videos
from inr_keras.rendering.film import write_film as write_film
from inr_keras.rendering.image_stream import check_stream as check_stream
from inr_keras.rendering.image_stream import save_sheet as save_sheet
from inr_keras.rendering.image_stream import write_stream as write_stream
from inr_keras.rendering.latents import labels_in_turn as labels_in_turn
from inr_keras.rendering.latents import latents_from_seeds as latents_from_seeds
from inr_keras.rendering.renderer import FRAME as FRAME
from inr_keras.rendering.renderer import Renderer as Renderer
from inr_keras.rendering.seeded_images import draw_picture as draw_picture
from inr_keras.rendering.seeded_images import generate as generate
from inr_keras.rendering.seeded_images import seed_sheet as seed_sheet
from inr_keras.rendering.sheet import check_image_path as check_image_path
from inr_keras.rendering.sheet import letterboxed as letterboxed
from inr_keras.rendering.sheet import save_image as save_image
from inr_keras.rendering.sheet import sheet as sheet
from inr_keras.rendering.sheet import sheet_columns as sheet_columns
from inr_keras.rendering.sheet import to_uint8 as to_uint8
from inr_keras.rendering.style_files import load_styles as load_styles
from inr_keras.rendering.style_files import save_styles as save_styles
from inr_keras.rendering.surfaces import surface as surface
from inr_keras.rendering.trust import examine as examine
from inr_keras.rendering.trust import save_trust_map as save_trust_map
